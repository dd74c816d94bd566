package registration;

import jakarta.validation.constraints.Email;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.Size;
import java.util.List;

/** What a visitor typed into the form; a field that is there several times is a list. */
record Registration(
    @NotBlank String name,
    @NotBlank @Email String mail,
    @Min(18) int age,
    @Size(max = 3) List<String> interest) {}
